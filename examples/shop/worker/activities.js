import { ApplicationFailure } from '@temporalio/activity';
import { paymentService } from './payment-service.js';

const statuses = ['placed', 'reserved', 'charged', 'shipped'];

/**
 * The steps of an order. Temporal runs each until it has ended well once, so each may run again after it did its work
 * and before Temporal heard of it: done twice is as done once.
 *
 * @param {import('pg').Pool} pool
 */
export function orderActivities(pool) {
  const payments = paymentService(pool);

  async function orderOf(id) {
    const { rows } = await pool.query('SELECT id, total, status FROM orders WHERE id = $1', [id]);
    // The database was restored or begun again since; no attempt brings the order back.
    if (rows.length === 0) throw ApplicationFailure.nonRetryable(`there is no order ${id}`);
    return rows[0];
  }

  /** Brings an order from one status to the next by `work`; one that is there already, or further, is left alone. */
  async function step(id, from, to, work = async () => {}) {
    const order = await orderOf(id);
    if (statuses.indexOf(order.status) >= statuses.indexOf(to)) return;
    if (order.status !== from)
      throw ApplicationFailure.nonRetryable(`order ${id} is ${order.status}, not ${from}`);
    await work(order);
    await pool.query('UPDATE orders SET status = $3 WHERE id = $1 AND status = $2', [id, from, to]);
    console.log(`order ${id} is ${to}`);
  }

  return {
    /** 'reserved', or 'rejected' when there are not as many left. One statement: stock and status change together. */
    async reserve(id) {
      await pool.query(
        `WITH wish AS (
          SELECT id, product, quantity FROM orders WHERE id = $1 AND status = 'placed' FOR UPDATE
        ), taken AS (
          UPDATE products SET stock = stock - quantity FROM wish
          WHERE products.id = wish.product AND stock >= quantity RETURNING products.id
        )
        UPDATE orders SET status = CASE WHEN EXISTS (SELECT FROM taken) THEN 'reserved' ELSE 'rejected' END
        FROM wish WHERE orders.id = wish.id`,
        [id],
      );
      const { status } = await orderOf(id);
      console.log(`order ${id} is ${status}`);
      return status;
    },
    charge: (id) => step(id, 'reserved', 'charged', ({ total }) => payments.charge(`order-${id}`, total)),
    ship: (id) => step(id, 'charged', 'shipped'),
  };
}
