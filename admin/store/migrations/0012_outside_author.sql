-- How the author of a statement outside Sluice is known: 'session', 'log', 'counts'; empty: not
-- known, or from before this was kept.
ALTER TABLE outside_statements ADD COLUMN author_by TEXT NOT NULL DEFAULT '';
