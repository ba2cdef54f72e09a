import type { Input, Output } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { Contract } from './contract.ts';

/** Arguments of a class: the contract's inputs, some of which may not be known yet. */
type Arguments<Inputs extends object, Later extends keyof Inputs> = {
  readonly [Key in keyof Inputs]: Key extends Later ? NotYet<Inputs[Key]> : Inputs[Key];
};

/** A value, or each of its properties, that may be an Output. */
type NotYet<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Input<Value[Key]> }
  : Input<Value>;

/** An instance: a Pulumi resource with the contract's outputs. */
type Instance<Inputs extends object, Outputs extends Inputs> = CustomResource & {
  readonly [Key in Exclude<keyof Outputs, keyof Inputs>]: Output<Outputs[Key]>;
};

type ResourceClass<Inputs extends object, Outputs extends Inputs, Later extends keyof Inputs> = new (
  name: string,
  args: Arguments<Inputs, Later>,
  options: CustomResourceOptions,
) => Instance<Inputs, Outputs>;

/** The Pulumi class of a resource: `class Ready extends resourceClass(readyContract) {}`. */
export function resourceClass<
  Name extends string,
  Inputs extends object,
  Outputs extends Inputs,
  Later extends keyof Inputs,
>({ token, outputs }: Contract<Name, Inputs, Outputs, Later>): ResourceClass<Inputs, Outputs, Later> {
  class OfContract extends CustomResource {
    constructor(name: string, args: Arguments<Inputs, Later>, options: CustomResourceOptions) {
      super(token, name, { ...args, ...outputs }, options);
    }
  }
  // Pulumi itself sets a property for each output, which a class declaration cannot express for keys of a type
  // parameter.
  return OfContract as unknown as ResourceClass<Inputs, Outputs, Later>;
}
