-- How a visit is to be made, for its evaluator alone: persona, answer key, safety, limits, as JSON.
-- The release before refuses the result as newer; it keeps its own copy from before the upgrade.
ALTER TABLE visits ADD COLUMN brief TEXT NOT NULL DEFAULT '{}';
