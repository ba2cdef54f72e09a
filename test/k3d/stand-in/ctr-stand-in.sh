#!/bin/sh
exec /usr/bin/ctr.real --address /run/k3s/containerd/containerd.sock --namespace k8s.io "$@"
