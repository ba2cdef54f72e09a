/** Versions that several rooms must agree on; every other pin stands in toolchain/manifest.ts alone. */
export const pins = {
  /** The plugin that goes with the npm package @pulumi/kubernetes, whose version in package.json is the same. */
  pulumiKubernetes: '4.25.0',
  /** Definitions of https://gateway-api.sigs.k8s.io */
  gatewayApi: '1.5.1',
} as const;
