-- Why a publication was taken back. Earlier releases refuse the result as newer.

ALTER TABLE publications ADD COLUMN reason TEXT;
