#!/bin/sh
# Stand-in for k3s in tests: upstream Kubernetes, started like `k3s server`, with what k3d looks for.
set -eu
role=$1
shift
test "$role" = server || { echo "this stand-in is a server only" >&2; exit 1; }
san=
for argument in "$@"; do
  case $argument in --tls-san=*) san="$san, \"${argument#--tls-san=}\"" ;; esac
done
previous=
for argument in "$@"; do
  test "$previous" = --tls-san && san="$san, \"$argument\""
  previous=$argument
done
kubelet_flags=
for argument in "$@"; do
  case $argument in --kubelet-arg=*) kubelet_flags="$kubelet_flags --${argument#--kubelet-arg=}" ;; esac
done
node=$(hostname)
address=$(hostname -i | cut -d' ' -f1)
state=/var/lib/rancher/k3s
pki=$state/server/tls
conf=$state/server/cred
socket=/run/k3s/containerd/containerd.sock
bridge=10.42.0.1
mkdir -p $state/server/manifests $state/agent/containerd $state/kine /run/k3s/containerd /etc/rancher/k3s /etc/cni/net.d /etc/kubernetes /var/lib/kubelet /var/log
cat >/etc/kubernetes/kubeadm.yaml <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v@KUBERNETES@
clusterName: default
certificatesDir: $pki
controlPlaneEndpoint: "$address:6443"
networking: {podSubnet: 10.42.0.0/16, serviceSubnet: 10.43.0.0/16}
apiServer: {certSANs: ["127.0.0.1", "localhost", "0.0.0.0", "$node"$san]}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: "$address", bindPort: 6443}
nodeRegistration: {name: "$node"}
END
if ! test -e $conf/complete; then
  rm -rf $pki $conf
  mkdir -p $conf
  kubeadm init phase certs all --config=/etc/kubernetes/kubeadm.yaml >/dev/null
  kubeadm init phase kubeconfig all --config=/etc/kubernetes/kubeadm.yaml --kubeconfig-dir=$conf >/dev/null
  for user in kube-proxy coredns; do
    kubeadm kubeconfig user --config=/etc/kubernetes/kubeadm.yaml --client-name=system:$user >$conf/$user.conf
  done
  touch $conf/complete
else
  # Docker may have given the container another address.
  sed -i "s|server: https://[0-9.]*:6443|server: https://$address:6443|" $conf/*.conf
  rm -f $pki/apiserver.crt $pki/apiserver.key
  kubeadm init phase certs apiserver --config=/etc/kubernetes/kubeadm.yaml >/dev/null
fi
cat >/etc/cni/net.d/10-pods.conflist <<END
{"cniVersion":"1.0.0","name":"cbr0","plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"hairpinMode":true,
  "ipam":{"type":"host-local","ranges":[[{"subnet":"10.42.0.0/16"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
END
cat >/etc/containerd.toml <<END
version = 2
root = "$state/agent/containerd"
state = "/run/k3s/containerd/state"
[grpc]
  address = "$socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "coppice.local/sandbox:pause"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
END
cat >/etc/kubernetes/kubelet.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$socket
cgroupDriver: cgroupfs
failSwapOn: false
failCgroupV1: false
oomScoreAdj: 0
clusterDNS: [$bridge]
clusterDomain: cluster.local
resolvConf: /etc/resolv.conf
makeIPTablesUtilChains: false
END
cat >/etc/kubernetes/kube-proxy.yaml <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $conf/kube-proxy.conf}
clusterCIDR: 10.42.0.0/16
hostnameOverride: "$node"
mode: iptables
iptables: {minSyncPeriod: 100ms, syncPeriod: 30s}
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
oomScoreAdj: 0
END
cat >/etc/kubernetes/Corefile <<END
.:53 {
    bind $bridge
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig $conf/coredns.conf
        fallthrough in-addr.arpa ip6.arpa
    }
    cache 5
}
END
pids=
run() {
  name=$1
  shift
  "$@" >>/var/log/$name.log 2>&1 &
  pids="$pids $!"
}
trap 'kill $pids 2>/dev/null; wait; exit 0' TERM INT
until_ready() { until "$@" >/dev/null 2>&1; do sleep 0.2; done; }
# DNS listens on the bridge's address, so the bridge must exist before the first pod creates it.
ip link add cni0 type bridge 2>/dev/null || true
ip addr add $bridge/16 dev cni0 2>/dev/null || true
ip link set cni0 up
run containerd containerd --config /etc/containerd.toml
run kine kine --endpoint="sqlite://$state/kine/state.db?_journal=WAL&cache=shared&_busy_timeout=30000&_synchronous=NORMAL" --listen-address=unix:///run/k3s/kine.sock --metrics-bind-address=0 --emulated-etcd-version=3.5.12
until_ready test -S /run/k3s/kine.sock
# What every pod needs, as in k3s.
until_ready ctr images import /usr/share/k3s-stand-in/sandbox.tar
run kube-apiserver kube-apiserver --etcd-servers=unix:///run/k3s/kine.sock --bind-address=0.0.0.0 --advertise-address=$address --secure-port=6443 --service-cluster-ip-range=10.43.0.0/16 --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true --client-ca-file=$pki/ca.crt --tls-cert-file=$pki/apiserver.crt --tls-private-key-file=$pki/apiserver.key --kubelet-client-certificate=$pki/apiserver-kubelet-client.crt --kubelet-client-key=$pki/apiserver-kubelet-client.key --kubelet-preferred-address-types=InternalIP --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=$pki/sa.pub --service-account-signing-key-file=$pki/sa.key
export KUBECONFIG=$conf/admin.conf
cp $conf/super-admin.conf /etc/rancher/k3s/super.yaml
until_ready kubectl --kubeconfig /etc/rancher/k3s/super.yaml get --raw /readyz
kubectl --kubeconfig /etc/rancher/k3s/super.yaml create clusterrolebinding k3s-admin --clusterrole=cluster-admin --group=kubeadm:cluster-admins >/dev/null 2>&1 || true
kubectl --kubeconfig /etc/rancher/k3s/super.yaml create clusterrolebinding k3s-apiserver --clusterrole=system:kubelet-api-admin --user=kube-apiserver-kubelet-client >/dev/null 2>&1 || true
kubectl --kubeconfig /etc/rancher/k3s/super.yaml create clusterrolebinding k3s-coredns --clusterrole=view --user=system:coredns >/dev/null 2>&1 || true
run kube-controller-manager kube-controller-manager --kubeconfig=$conf/controller-manager.conf --leader-elect=false --root-ca-file=$pki/ca.crt --service-account-private-key-file=$pki/sa.key --use-service-account-credentials=true
run kube-scheduler kube-scheduler --kubeconfig=$conf/scheduler.conf --leader-elect=false
run kubelet kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig=$conf/kubelet.conf --hostname-override="$node" --node-ip="$address" $kubelet_flags
run kube-proxy kube-proxy --config=/etc/kubernetes/kube-proxy.yaml
run coredns coredns -conf /etc/kubernetes/Corefile -quiet
cp $conf/admin.conf /etc/rancher/k3s/k3s.yaml
sed -i -e "s|server: .*|server: https://127.0.0.1:6443|" -e "s/kubernetes-admin@default/default/" -e "s/kubernetes-admin/default/" /etc/rancher/k3s/k3s.yaml
test -z "${K3S_KUBECONFIG_OUTPUT:-}" || { mkdir -p "$(dirname "$K3S_KUBECONFIG_OUTPUT")"; cp /etc/rancher/k3s/k3s.yaml "$K3S_KUBECONFIG_OUTPUT"; }
# k3d writes the host's names into it.
test -e $state/server/manifests/coredns.yaml || cat >$state/server/manifests/coredns.yaml <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  NodeHosts: |
    $address $node
END
until_ready kubectl get node "$node"
echo "k3s is up and running"
# k3s applies changed manifests, and reports this one.
last=
while :; do
  now=$(stat -c '%Y %s' $state/server/manifests/coredns.yaml)
  if test "$now" != "$last" && kubectl apply -f $state/server/manifests/coredns.yaml >/dev/null 2>&1; then
    last=$now
    echo "applied the cluster dns configmap"
  fi
  sleep 1 & wait $!
done
