import { CoppiceError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';

/**
 * Which service and which text the words mean. Throws COPPICE_NO_SERVICE.
 */
export function meant(
  { words, service }: { readonly words: readonly string[]; readonly service?: string },
  services: readonly string[],
): { readonly service?: string; readonly text?: string } {
  if (service !== undefined && !services.includes(service)) throw noServiceError(service, services);
  const [first, ...others] = words;
  const isService = service === undefined && first !== undefined && services.includes(first);
  const texts = isService ? others : words;
  const named = isService ? first : service;
  return {
    ...(named !== undefined && { service: named }),
    ...(texts.length > 0 && { text: texts.join(' ') }),
  };
}

export function noServiceError(word: string, services: readonly string[]): CoppiceError {
  return new CoppiceError('COPPICE_NO_SERVICE', `there is no service ${word}`, {
    hint: didYouMean(word, services, 'services'),
  });
}
