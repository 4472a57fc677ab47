SELECT p.window_start, p.id, p.name
FROM (SELECT DISTINCT id, name, time_bucket(INTERVAL '10 seconds', date_time) AS window_start FROM person) p
JOIN (SELECT DISTINCT seller, time_bucket(INTERVAL '10 seconds', date_time) AS window_start FROM auction) a
  ON p.id = a.seller AND p.window_start = a.window_start
