# Everything on a cluster. The work is in bin/. It reads OVERLAY (kind, unless
# given), REGISTRY, TAG, and DOMAIN or any other key of the overlay's
# settings.env. What stands after the target make hands on by itself; nothing is
# exported here, so that a default of make's never overrides the overlay.

##@ Deploy (OVERLAY=kind DOMAIN= REGISTRY= TAG=)
.PHONY: cluster
cluster: ## Make a kind cluster and install the platform on it
	@k8s/bin/cluster

.PHONY: platform
platform: ## Install Istio, cert-manager and what else OVERLAY needs, by Helm
	@k8s/bin/platform

.PHONY: deploy
deploy: ## Deploy OVERLAY: diff, apply, wait, greet; then say what to try
	@k8s/bin/deploy

.PHONY: status
status: ## Show how it is doing, and its address
	@k8s/bin/status

.PHONY: diff
diff: ## Show what deploy would change
	@k8s/bin/diff

.PHONY: undeploy
undeploy: ## Delete what OVERLAY renders, and say what; the platform stays
	@k8s/bin/undeploy

.PHONY: dns
dns: ## Point DOMAIN at the load balancer, in Cloud DNS
	@k8s/bin/dns

.PHONY: dashboard-kiali
dashboard-kiali: ## Open Kiali on this machine until Ctrl-C
	@k8s/bin/dashboard kiali

.PHONY: dashboard-grafana
dashboard-grafana: ## Open Grafana
	@k8s/bin/dashboard grafana

.PHONY: dashboard-prometheus
dashboard-prometheus: ## Open Prometheus
	@k8s/bin/dashboard prometheus
