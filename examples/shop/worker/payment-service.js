/**
 * Stands in for a payment service and charges nobody: its book is a table of this environment's database. Like a real
 * one it takes a key with each request and charges once for a key, however often it is asked. The first request of
 * each key fails, so that there is something to see of how Temporal goes on.
 *
 * @param {import('pg').Pool} pool
 */
export function paymentService(pool) {
  return {
    async charge(key, amount) {
      const { rows } = await pool.query(
        `INSERT INTO payments (key, amount) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET charged_at = coalesce(payments.charged_at, now())
        RETURNING charged_at`,
        [key, amount],
      );
      if (!rows[0].charged_at) throw new Error(`the payment service is busy, ${key} is not charged yet`);
    },
  };
}
