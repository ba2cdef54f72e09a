/**
 * What may be left of a type when each of its fields has been used: nothing but `Elsewhere`. A field that was added and
 * forgotten does not compile, and the compiler names it.
 *
 * @example
 * const { image, port, ...rest } = service;
 * rest satisfies NothingLeft<typeof rest, 'replicas'>;
 */
export type NothingLeft<Rest, Elsewhere extends PropertyKey = never> = Readonly<
  Record<Exclude<keyof Rest, Elsewhere>, never>
>;
