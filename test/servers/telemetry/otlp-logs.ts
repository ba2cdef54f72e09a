import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { Resource } from '@opentelemetry/resources';
import { Attribute, insertPaths, streamFields } from '../../../core/telemetry.ts';

type ReadableRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number];

/** A log record as it comes from the Collector. */
export interface SentRecord {
  readonly namespace: string;
  readonly service: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** 0: the sender gave none. */
  readonly severity?: number;
  /** The sender's own spelling. */
  readonly severityText?: string;
  readonly traceId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Sends records to a VictoriaLogs at a port of this machine, with the headers that the Collector sends. */
export async function sendLogs(port: number, records: readonly SentRecord[]): Promise<void> {
  const body = ProtobufLogsSerializer.serializeRequest(records.map(readable));
  const answer = await fetch(`http://127.0.0.1:${port}${insertPaths.logs}`, {
    method: 'POST',
    body: new Uint8Array(body ?? []),
    headers: {
      'content-type': 'application/x-protobuf',
      'VL-Stream-Fields': streamFields.join(','),
      'VL-Msg-Field': 'msg,message',
    },
  });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
}

function readable(record: SentRecord): ReadableRecord {
  const { namespace, service, body, time, severity, severityText, traceId, attributes = {} } = record;
  const hrTime: [number, number] = [Math.floor(time / 1000), (time % 1000) * 1_000_000];
  const resource = new Resource({
    [Attribute.namespace]: namespace,
    [Attribute.service]: service,
    [Attribute.container]: service,
    [Attribute.pod]: `${service}-5d8f-7c9x4`,
  });
  return {
    hrTime,
    hrTimeObserved: hrTime,
    ...(severity !== undefined && { severityNumber: severity }),
    ...(severityText !== undefined && { severityText }),
    ...(traceId !== undefined && { spanContext: { traceId, spanId: traceId.slice(0, 16), traceFlags: 1 } }),
    body,
    attributes: { ...attributes },
    droppedAttributesCount: 0,
    instrumentationScope: { name: 'pods' },
    resource,
  };
}
