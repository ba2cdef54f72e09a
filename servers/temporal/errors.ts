/** What a call to a server may answer instead of a result. */

export { isAway, isRefusal, status } from './connection/grpc-error.ts';
