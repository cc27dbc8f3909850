#include "harness/workloads/delay/conversation.hpp"

namespace waitbench {

template class QueryConversation<DelayClient>;

}  // namespace waitbench
