-- The sheet that runs, sealed, where the one that is shown hides a password of it; else empty.
ALTER TABLE tasks ADD COLUMN sealed_sheet TEXT NOT NULL DEFAULT '';
