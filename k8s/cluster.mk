# Targets for clusters. The scripts in bin/ do the work. They read OVERLAY
# (default: kind), WITH, WITHOUT, REGISTRY, TAG, and any key of a settings.env, from
# the environment or from k8s/local.env. make passes variables after the target to
# the scripts. Nothing is exported here, so that a make default never overrides the
# overlay.

##@ Deploy (OVERLAY=kind WITH= WITHOUT= DOMAIN= REGISTRY= TAG=)
.PHONY: cluster
cluster: ## Create a kind cluster and install the platform on it
	@k8s/bin/cluster

.PHONY: gcp
gcp: ## Make what OVERLAY needs in Google Cloud: APIs, registry, cluster, address, grants
	@k8s/bin/gcp apply

.PHONY: gcp-plan
gcp-plan: ## Show the commands of `make gcp`, and change nothing
	@k8s/bin/gcp plan

.PHONY: gcp-remove
gcp-remove: ## Remove from Google Cloud what `make gcp` made for OVERLAY
	@k8s/bin/gcp remove

.PHONY: platform
platform: ## Install Istio, cert-manager and the other charts of OVERLAY with Helm
	@k8s/bin/platform

.PHONY: platform-remove
platform-remove: ## Uninstall what make platform installed, load balancer included
	@k8s/bin/platform-remove

.PHONY: deploy
deploy: ## Deploy OVERLAY: diff, apply, wait, smoke test; print commands to try
	@k8s/bin/deploy

.PHONY: status
status: ## Show the status of the deployment and its address
	@k8s/bin/status

.PHONY: diff
diff: ## Show what deploy would change
	@k8s/bin/diff

.PHONY: undeploy
undeploy: ## Delete what deploy applied; the platform stays
	@k8s/bin/undeploy

.PHONY: diagnose
diagnose: ## Diagnose a call through the mesh and one through the gateway, from inside the cluster
	@k8s/bin/diagnose

.PHONY: dns
dns: ## Set DOMAIN's record in Cloud DNS to the load balancer's address
	@k8s/bin/dns

.PHONY: dashboard-kiali
dashboard-kiali: ## Forward Kiali to this machine until Ctrl-C
	@k8s/bin/dashboard kiali

.PHONY: dashboard-grafana
dashboard-grafana: ## Forward Grafana to this machine until Ctrl-C
	@k8s/bin/dashboard grafana

.PHONY: dashboard-prometheus
dashboard-prometheus: ## Forward Prometheus to this machine until Ctrl-C
	@k8s/bin/dashboard prometheus

.PHONY: dashboard-jaeger
dashboard-jaeger: ## Forward Jaeger to this machine until Ctrl-C
	@k8s/bin/dashboard jaeger

.PHONY: dashboard-google
dashboard-google: ## Create or update the dashboard in Cloud Monitoring of GCP_PROJECT
	@k8s/bin/dashboard-google

.PHONY: install-manifests
install-manifests: ## Write install-<overlay>.yaml and manifests.tar.gz into target/install (REGISTRY, TAG, DIGESTS)
	@k8s/bin/install-manifests
