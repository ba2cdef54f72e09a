import { CustomResource, type CustomResourceOptions } from '@pulumi/pulumi/resource.js';

export interface PasswordArgs {
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/** A Secret whose key `password` is random; the password itself is in no state. */
export class Password extends CustomResource {
  constructor(name: string, args: PasswordArgs, options: CustomResourceOptions) {
    super('coppice:index:Password', name, { ...args }, options);
  }
}
