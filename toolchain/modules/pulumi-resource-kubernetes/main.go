// The official Kubernetes provider, started as upstream's own main does it. Schema and
// Terraform mapping are empty: both serve code generation only, never a deployment.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte("{}"), []byte("{}"))
}
