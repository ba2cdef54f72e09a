/** Errors that a call to a server may return. */

export { isRefusal, isUnreachable, status } from './connection/grpc-error.ts';
