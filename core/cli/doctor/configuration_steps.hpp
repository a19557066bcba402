// SPDX-License-Identifier: Apache-2.0
// Steps: the configuration loads, an entry matches, its backend loads and takes its settings. No network.
#pragma once

#include <optional>

#include "cli/doctor/report.hpp"
#include "cli/workshop.hpp"

namespace regcred::core {

// The results; each is empty when its step, or one before it, failed. `route` points into `workshop`.
struct Groundwork {
  Groundwork() = default;
  Groundwork(const Groundwork &) = delete;
  Groundwork &operator=(const Groundwork &) = delete;

  std::optional<Workshop> workshop;
  std::optional<Route> route;
  std::optional<SurveyedBackend> backend;  // of the first candidate; usable
  RegistryOpinion opinion;                 // of that backend, about the image's registry
};

// `image` as normalise_image gives it.
void examine_configuration(const Context &context, const std::string &image, Groundwork &groundwork,
                           DoctorReport &report);

}  // namespace regcred::core
