import { Header } from '../../../core/labels.ts';
import type { Page } from './page.ts';
import { render } from './render.ts';

/** A page as a response. */
export interface Answer {
  readonly status: number;
  /** Names are lower-case, as HTTP/2 requires. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function answerOf(page: Page, accept: string | undefined): Answer {
  const { type, body } = render(page, accept);
  const bytes = Buffer.from(body);
  return {
    status: page.status,
    headers: {
      'content-type': type,
      'content-length': String(bytes.length),
      ...commonHeaders(page),
    },
    body: bytes,
  };
}

/** An answer to a call of gRPC without messages: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export function grpcAnswer(page: Page): Omit<Answer, 'body'> {
  return {
    status: 200,
    headers: {
      'content-type': 'application/grpc',
      // UNAVAILABLE
      'grpc-status': '14',
      'grpc-message': page.title.replace(/[^\x20-\x7e]|%/gu, encodeURIComponent),
      ...commonHeaders(page),
    },
  };
}

function commonHeaders({ kind, retryAfter }: Page): Record<string, string> {
  return {
    [Header.page.toLowerCase()]: kind,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  };
}
