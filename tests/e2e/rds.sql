-- What Amazon RDS and Aurora give every server, as far as the tutorial calls it: the procedures that set and show how long
-- binary logs are kept. Here they set the server's own binlog_expire_logs_seconds.
CREATE TABLE IF NOT EXISTS mysql.rds_configuration (
  name VARCHAR(100) NOT NULL PRIMARY KEY,
  value VARCHAR(100) NULL,
  description VARCHAR(300) NOT NULL
);
INSERT IGNORE INTO mysql.rds_configuration VALUES
  ('binlog retention hours', NULL, 'binlog retention hours specifies the duration in hours before binary logs are automatically deleted.'),
  ('source delay', '0', 'source delay specifies replication delay in seconds between current instance and its master.'),
  ('target delay', '0', 'target delay specifies replication delay in seconds between current instance and its future read-replica.');
DROP PROCEDURE IF EXISTS mysql.rds_show_configuration;
DROP PROCEDURE IF EXISTS mysql.rds_set_configuration;
CREATE PROCEDURE mysql.rds_show_configuration()
  SELECT name, value, description FROM mysql.rds_configuration ORDER BY name;
CREATE PROCEDURE mysql.rds_set_configuration(IN setting VARCHAR(100), IN new_value INT)
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mysql.rds_configuration WHERE name = setting) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Unknown configuration parameter';
  END IF;
  IF setting = 'binlog retention hours' THEN
    IF new_value IS NOT NULL AND (new_value < 1 OR new_value > 2160) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'For binlog retention hours the value must be between 1 and 2160 or be NULL';
    END IF;
    SET GLOBAL binlog_expire_logs_seconds = 3600 * COALESCE(new_value, 24);
  END IF;
  UPDATE mysql.rds_configuration SET value = new_value WHERE name = setting;
END;
