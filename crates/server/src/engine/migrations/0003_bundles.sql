-- Bundles that were carried in: each time, by whom. No earlier release opens the result.

CREATE TABLE bundle_intakes (
    device_id BYTES NOT NULL REFERENCES devices (id),
    -- Orders the answers to a device: the clock's milliseconds, and always more than the last.
    mark BIGINT NOT NULL,
    bundle_id BYTES NOT NULL,
    -- Who carried it, and not whose it is.
    person_id BYTES NOT NULL REFERENCES people (id),
    PRIMARY KEY (device_id, mark)
) ENGINE_OPTIONS;
