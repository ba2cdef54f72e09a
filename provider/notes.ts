import { credentials } from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb.js';

/** Says a line about a resource while it is being worked on: `wt up` and `pulumi up` show it. */
export type Note = (urn: string, text: string) => void;

/** Sends notes to the engine that started this plugin. One that cannot be delivered is lost: nothing depends on it. */
export function notesTo(address: string | undefined): Note {
  if (address === undefined) return () => undefined;
  const client = new EngineClient(address, credentials.createInsecure());
  return (urn, text) => {
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setUrn(urn);
    request.setMessage(text);
    client.log(request, () => undefined);
  };
}
