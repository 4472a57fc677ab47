#pragma once

#include <QByteArray>

namespace penstock::test {

// The file of an XGBoost model of one leaf, with two features that it does not name: every row gets `value`.
inline QByteArray model_of(double value) {
  const QByteArray leaf = QByteArray::number(value);
  return "{\"learner\":{\"attributes\":{},\"feature_names\":[],\"feature_types\":[],\"gradient_booster\":{\"model\":{\"gbtree_model_param\":{\"num_parallel_tree\":\"1\","
         "\"num_trees\":\"1\"},\"iteration_indptr\":[0,1],\"tree_info\":[0],\"trees\":[{\"base_weights\":[" + leaf + "],\"categories\":[],\"categories_nodes\":[],"
         "\"categories_segments\":[],\"categories_sizes\":[],\"default_left\":[0],\"id\":0,\"left_children\":[-1],\"loss_changes\":[0E0],\"parents\":[2147483647],"
         "\"right_children\":[-1],\"split_conditions\":[" + leaf + "],\"split_indices\":[0],\"split_type\":[0],\"sum_hessian\":[2E0],\"tree_param\":{\"num_deleted\":\"0\","
         "\"num_feature\":\"2\",\"num_nodes\":\"1\",\"size_leaf_vector\":\"1\"}}]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0E0\","
         "\"boost_from_average\":\"1\",\"num_class\":\"0\",\"num_feature\":\"2\",\"num_target\":\"1\"},\"objective\":{\"name\":\"reg:squarederror\","
         "\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}}},\"version\":[3,0,5]}";
}

}  // namespace penstock::test
