-- The document of a sealed evaluation is kept once, with the evaluations: new records of one have an empty
-- text in its place. Earlier releases would hand that out, and refuse the result as newer.

-- only postgres
-- A quarter of the work of the engine's own compression; a server that was built without it keeps that.
DO $$ BEGIN
    ALTER TABLE evaluations ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
-- end
