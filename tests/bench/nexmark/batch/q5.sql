WITH starts AS (SELECT unnest(generate_series((SELECT time_bucket(INTERVAL '2 seconds', min(date_time)) - INTERVAL '8 seconds' FROM bid), (SELECT max(date_time) FROM bid), INTERVAL '2 seconds')) AS window_start),
     counts AS (SELECT window_start, auction, count(*) AS num
                FROM starts JOIN bid ON date_time >= window_start AND date_time < window_start + INTERVAL '10 seconds'
                GROUP BY ALL)
SELECT window_start, auction, num
FROM counts c
WHERE num = (SELECT max(num) FROM counts m WHERE m.window_start = c.window_start)
