// Network policies of one node, decided as upstream's own main does it: that one takes its credentials only from the
// inside of a pod, and serves metrics.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the API server and the credentials")
	node := flag.String("node", "", "name of this node")
	queue := flag.Int("queue", 0, "number of the NFQUEUE from which new connections come")
	flag.Parse()
	// The container runtime that listens at NRI's usual path can be somebody else's: it is not asked.
	os.Setenv("NRI_PLUGIN_SOCKET", "none")

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		klog.Fatal(err)
	}
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	config.ContentType = "application/vnd.kubernetes.protobuf"
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		klog.Fatal(err)
	}

	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	shared := informers.NewSharedInformerFactory(clients, 0)
	controller, err := networkpolicy.NewController(
		clients,
		shared.Networking().V1().NetworkPolicies(),
		shared.Core().V1().Namespaces(),
		shared.Core().V1().Pods(),
		nil, nil, nil, nil,
		networkpolicy.Config{
			NodeName: *node,
			QueueID:  *queue,
			// A rule of iptables feeds the queue. Rules of its own would outlive a kill and then drop what nobody
			// decides; not every kernel has what they need either. No kernel takes a table with such a name.
			NFTableName: strings.Repeat("unused", 100),
		},
	)
	if err != nil {
		klog.Fatal(err)
	}
	shared.Start(ctx.Done())
	if err := controller.Run(ctx); err != nil {
		klog.Fatal(err)
	}
}
