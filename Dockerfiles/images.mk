# The images. Included by the Makefile.
#
# They are for the architecture of the machine that builds them; the command that
# builds for amd64 and arm64 at once, labels and all, is in docs/deploy.md under
# "Images for both architectures".
IMAGES := hello-server greeter-server greeter-client

# $(call local,KEY): the value in k8s/local.env, which the environment overrides.
local = $(shell sed -n 's/^$(1)=//p' k8s/local.env 2>/dev/null)

# Where images are pushed to; empty for those that stay here.
REGISTRY ?= $(call local,REGISTRY)
TAG ?= $(or $(call local,TAG),dev)
# docker or podman; empty for the first that works.
CONTAINER_ENGINE ?=
# For example --network=host, where builds have no network of their own.
BUILD_FLAGS ?=
DOCKERFILE ?= Dockerfiles/Dockerfile
# Where the sources are; a remote's address may hold a password, which stays here.
SOURCE ?= $(shell git config --get remote.origin.url | sed 's|//[^/@]*@|//|')

image = $(addsuffix /,$(REGISTRY:/=))$(1):$(TAG)
# Sets $engine, or ends with the line that says what is missing.
engine = engine=$$(CONTAINER_ENGINE=$(CONTAINER_ENGINE) Dockerfiles/engine) || exit 1

##@ Images
.PHONY: images
images: ## Build the three images (REGISTRY, TAG, SOURCE, CONTAINER_ENGINE, BUILD_FLAGS)
	@$(call need,git,the images are labelled with the revision)
	@$(engine); export DOCKER_BUILDKIT=1; \
	revision=$$(git rev-parse HEAD)$$(git diff --quiet HEAD || echo -dirty); \
	epoch=$$(git log -1 --format=%ct); \
	version=$$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml); \
	$(foreach name,$(IMAGES),"$$engine" build $(BUILD_FLAGS) --file $(DOCKERFILE) \
	  --target $(name) --tag $(call image,$(name)) --build-arg SOURCE="$(SOURCE)" \
	  --build-arg REVISION="$$revision" --build-arg VERSION="$$version" \
	  --build-arg SOURCE_DATE_EPOCH="$$epoch" . &&) :
	@$(engine); $(foreach name,$(IMAGES),"$$engine" images $(call image,$(name)) \
	  --format '{{.Repository}}:{{.Tag}} {{.Size}}' &&) :

.PHONY: push
push: ## Push the three images (REGISTRY, TAG)
	@[ -n "$(REGISTRY)" ] || { echo "make: REGISTRY is empty: name the registry, as in make push REGISTRY=registry.example.org/hello TAG=1.0.0" >&2; exit 1; }
	@$(engine); $(foreach name,$(IMAGES),"$$engine" push $(call image,$(name)) &&) :

# The overlay `kind` names the images without a registry, with the tag `dev`.
.PHONY: test-containers
test-containers: envoy ## Test the images end to end, run as the manifests run them
	@$(MAKE) --no-print-directory images REGISTRY= TAG=dev
	@$(call need,cargo,install Rust with rustup)
	@$(engine); CONTAINER_ENGINE="$$engine" cargo test -p manifests --test containers -- --ignored
