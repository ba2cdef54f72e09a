import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import * as automationServer from '@pulumi/pulumi/automation/server.js';
import type { PulumiFn } from '@pulumi/pulumi/automation/workspace.js';
import { LanguageRuntimeService } from '@pulumi/pulumi/proto/language_grpc_pb.js';

/** Exported but marked internal, so the SDK's types omit it; the SDK's version is pinned exactly. */
const { LanguageServer } = automationServer as unknown as {
  LanguageServer: new (program: PulumiFn) => UntypedServiceImplementation;
};

/** The SDK's own limit, `maxRPCMessageSize` in runtime/settings.ts. */
const MAX_MESSAGE_BYTES = 1024 * 1024 * 400;

/** A program in this process that an engine can run. */
export interface ServedProgram {
  /** `127.0.0.1:<port>`, for the engine's `--client`. */
  readonly address: string;
  /** What the program threw, if it did: the engine's own text has lost hint and code. */
  failure(): unknown;
  close(): void;
}

/**
 * Serves a program to one engine process, as the Automation API does for its inline programs
 * (sdk/nodejs/automation/stack.ts, `up`). The API's own entry loads all of it (0.8 s here, this 0.15 s) and starts the
 * CLI six times per update.
 */
export async function serveProgram(program: PulumiFn): Promise<ServedProgram> {
  let failure: unknown;
  const watched: PulumiFn = async () => {
    try {
      return await program();
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  server.addService(LanguageRuntimeService, new LanguageServer(watched));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, failure: () => failure, close: () => server.forceShutdown() };
}
