#include "harness/workloads/delay/conversation.hpp"

namespace waitbench {

template class QueryConversation<DelayClient>;
template class DeadlineConversation<DelayClient>;

}  // namespace waitbench
