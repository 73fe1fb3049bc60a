-- Settings of scans for each environment; intervals down to five seconds; the lease of a scan.

-- JSON: admin/change/drift_settings.h. What it does not name is as the program has it.
ALTER TABLE environments ADD COLUMN drift TEXT NOT NULL DEFAULT '{}';

-- A new column: on SQLite a column's CHECK cannot be changed.
ALTER TABLE environments ADD COLUMN scan_interval BIGINT NOT NULL DEFAULT 600 CHECK (scan_interval BETWEEN 5 AND 604800);
UPDATE environments SET scan_interval = drift_interval_seconds;
ALTER TABLE environments DROP COLUMN drift_interval_seconds;
ALTER TABLE environments RENAME COLUMN scan_interval TO drift_interval_seconds;

-- 1: a program scans, and next_at is when its lease ends; 0: next_at is the next turn.
ALTER TABLE scan_turns ADD COLUMN leased BIGINT NOT NULL DEFAULT 0;
