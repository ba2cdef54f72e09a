INSERT INTO products (name, price, stock) VALUES
  ('Hazel rods, a bundle of ten', 1450, 12),
  ('Billhook', 5900, 4),
  ('Garden hurdle, six feet', 8600, 3),
  ('Bean poles', 1200, 20);
