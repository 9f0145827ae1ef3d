-- What holds for the whole deployment and for no province: whether it shows the demonstration, whose passwords are
-- published.
CREATE TABLE deployment (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
-- 云泽市 is no place on the map.
INSERT INTO deployment (name, value)
SELECT 'demonstration', 'LOADED' FROM province WHERE code = '980000';
