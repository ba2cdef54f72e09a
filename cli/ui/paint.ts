import colors from 'picocolors';

/** Colours each service differently, in the order of the list; without colour when none is wanted. */
export function servicePainter(
  services: readonly string[],
  enabled: boolean,
): (service: string, text: string) => string {
  const { cyan, yellow, magenta, green, blue, red } = colors.createColors(enabled);
  const palette = [cyan, yellow, magenta, green, blue, red];
  return (service, text) => {
    const paint = palette[Math.max(0, services.indexOf(service)) % palette.length];
    return paint ? paint(text) : text;
  };
}
