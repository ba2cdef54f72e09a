import { value } from '../../define.ts';

export const driver = value('name', 'which kind of cluster to use: embedded, k3d or existing');
