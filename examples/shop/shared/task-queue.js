/** The same in every environment: each has a namespace of its own, so none takes another's orders. */
export const taskQueue = 'orders';
