import { readFileSync } from 'node:fs';

const rooms = Object.keys(JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8')));

/** @type {import('knip').KnipConfig} */
export default {
  entry: [
    'cli/main.ts!',
    'cli/completion/main.ts!',
    'cli/completion/slow-candidates.ts!',
    'cli/help-main.ts!',
    'cli/ui/{failures,list,logs,telemetry}/schema.ts!',
    'cluster/drivers/embedded/supervisor.ts!',
    'platform/grafana/checked-in.ts!',
    'platform/pages/program/main.ts!',
    'provider/main.ts!',
    'stacks/{index,main,platform-main}.ts!',
    'config/spec/schema/json-schema.ts!',
    'scripts/{bench,build,check,dashboards,error-codes,own-engine,rooms,schema,slowest-tests,soak,start,test,test-suite}.mjs',
    'bench/*.bench.ts',
    'test/**/*.test.ts',
    'test/unit/toolchain/another-wt.ts',
    'test/driver/{driver-process.ts,scan-ports.mjs}',
    'test/servers/temporal/worker/{main.mjs,workflows.cjs}',
    'test/k3d/engine/runtime-wrapper.mjs',
  ],
  project: [`{${rooms.join(',')}}/**/*.ts!`, 'scripts/**/*.mjs', 'bench/**/*.ts', 'test/**/*.{ts,mjs,cjs}'],
  ignore: ['examples/**'],
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreDependencies: ['@temporalio/workflow', 'dependency-cruiser'],
  exclude: ['binaries'],
};
