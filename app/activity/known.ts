/** What was found out, or why it could not be: one sentence that begins in lower case. */
export type Known<T> = { readonly value: T } | { readonly unknown: string };
