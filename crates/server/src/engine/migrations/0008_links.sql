-- Devices sign their pushes and chain them. Earlier releases refuse the result as newer.

-- Each link that was taken. A backup that is put back begins an epoch, and with it each chain, anew.
CREATE TABLE push_links (
    device_id BYTES NOT NULL REFERENCES devices (id),
    epoch TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    digest BYTES NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (device_id, epoch, number)
) ENGINE_OPTIONS;
