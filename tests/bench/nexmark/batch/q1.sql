SELECT auction, bidder, CAST(0.908 * price AS DECIMAL(18,3)) AS price, date_time, extra FROM bid
