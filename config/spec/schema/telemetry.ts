import { z } from 'zod';

export const telemetry = z.strictObject({}).meta({
  title: 'Telemetry',
  description: 'Logs, metrics and traces of every environment, kept on the platform; `{}` is all of it.',
});
