// A model of concurrency, ready to run: it was made with the conversations that it must drive.
#pragma once

namespace waitbench {

class Model {
 public:
  virtual ~Model() = default;

  // Drives every conversation until it says StepKind::done. Does not know that it is measured.
  // Throws std::system_error when the machine refuses what the model needs (threads, descriptors).
  virtual void run() = 0;
};

}  // namespace waitbench
