#include "harness/workloads/nginx/conversation.hpp"

namespace waitbench {

template class QueryConversation<NginxClient>;

}  // namespace waitbench
