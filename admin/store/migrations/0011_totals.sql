-- How many tasks are in which state is asked every few seconds, for /metrics.
CREATE INDEX tasks_by_status ON tasks (status);
