WITH highest AS (SELECT time_bucket(INTERVAL '10 seconds', date_time) AS window_start, max(price) AS price FROM bid GROUP BY ALL)
SELECT h.window_start, b.auction, b.bidder, b.price, b.date_time, b.extra
FROM bid b JOIN highest h ON b.price = h.price AND b.date_time >= h.window_start AND b.date_time < h.window_start + INTERVAL '10 seconds'
