#include "cli/generate/generate.hpp"

#include "cli/generate/config_schema.hpp"
#include "cli/generate/oidc_discovery.hpp"

namespace regcred::core {

Output generate_command(const Command &command, const Context &context) {
  switch (command.generate.what) {
    case Generated::kubelet_config:
      return generate_kubelet_config(command, context);
    case Generated::rbac:
      return generate_rbac(command, context);
    case Generated::service_account:
      return generate_service_account(command, context);
    case Generated::oidc_discovery:
      return oidc_discovery_command(command.generate);
    case Generated::schema:
      return config_schema_command(command, context);
  }
  return {};
}

}  // namespace regcred::core
