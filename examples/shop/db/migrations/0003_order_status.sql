-- An order of before, and one that is made without Temporal, has taken its pieces already.
ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'reserved'
  CHECK (status IN ('placed', 'reserved', 'charged', 'shipped', 'rejected'));

-- The book of the payment service's stand-in: a key is charged once.
CREATE TABLE payments (
  key text PRIMARY KEY,
  amount integer NOT NULL,
  charged_at timestamptz
);
