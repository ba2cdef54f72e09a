import { createServer } from 'node:http';
import { Label, managedBy } from '../../../core/labels.ts';
import { gatewayGroup } from '../../gateway/gateway-api.ts';
import { podPorts, portVariable } from '../ports.ts';
import { follow } from './follow.ts';
import { http1Server } from './http1.ts';
import { http2Server } from './http2.ts';
import { SliceKeeper } from './keep-slices.ts';
import { ownCluster } from './kubernetes.ts';
import { routeOf, serviceOf, sliceOf } from './objects.ts';
import { Pages } from './pages.ts';
import { View } from './view.ts';

/** The program of the pod: answers where no pod of an environment does. */
const api = ownCluster();
const view = new View();
const keeper = new SliceKeeper(api, view);
view.onChange = () => keeper.changed();

const port = process.env[portVariable];
const pages = new Pages(api, view, port === undefined ? {} : { port: Number(port) });
http1Server(pages, false).listen(podPorts.hosts);
http1Server(pages, true).listen(podPorts.http);
http2Server(pages).listen(podPorts.http2);
createServer((_, response) => response.writeHead(view.complete ? 200 : 503).end()).listen(podPorts.health);

const ours = `${Label.managedBy}=${managedBy}`;
void follow(api, `/apis/${gatewayGroup}/v1/httproutes`, ours, view.sink('routes', view.routes, routeOf));
void follow(api, '/api/v1/services', ours, view.sink('services', view.services, serviceOf));
void follow(api, '/apis/discovery.k8s.io/v1/endpointslices', ours, view.sliceSink(sliceOf));

// The first process of a pod ignores signals that it does not handle.
process.on('SIGTERM', () => process.exit(0));
