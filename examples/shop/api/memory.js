/** The shop without a database, as `node api/server.js` has it by hand: a restart begins anew. */
export function memoryStore() {
  // Prices in cents.
  const products = [
    { id: 1, name: 'Hazel rods, a bundle of ten', price: 1450, stock: 12 },
    { id: 2, name: 'Billhook', price: 5900, stock: 4 },
    { id: 3, name: 'Garden hurdle, six feet', price: 8600, stock: 3 },
    { id: 4, name: 'Bean poles', price: 1200, stock: 20 },
  ];
  const orders = [];
  return {
    database: null,
    check: async () => {},
    products: async () => products,
    product: async (id) => products.find((candidate) => candidate.id === id),
    orders: async () => orders,
    /** Undefined when there are not as many left. */
    async order(id, quantity) {
      const product = products.find((candidate) => candidate.id === id);
      if (!product || product.stock < quantity) return undefined;
      product.stock -= quantity;
      const made = {
        id: orders.length + 1,
        product: product.name,
        quantity,
        total: quantity * product.price,
        status: 'reserved',
      };
      orders.push(made);
      return made;
    },
  };
}
