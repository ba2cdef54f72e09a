/** Versions that several rooms must agree on; every other pin is in toolchain/manifest.ts. */
export const pins = {
  /** The plugin for the npm package @pulumi/kubernetes, with the same version as in package.json. */
  pulumiKubernetes: '4.25.0',
  /** Resource definitions of https://gateway-api.sigs.k8s.io */
  gatewayApi: '1.5.1',
} as const;
