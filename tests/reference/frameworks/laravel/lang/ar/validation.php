<?php

return [
    'in' => ':attribute غير صالح',
    'integer' => 'يجب أن يكون :attribute عددًا صحيحًا',
    'max' => ['numeric' => 'يجب ألا يتجاوز :attribute القيمة :max'],
    'min' => ['numeric' => 'يجب ألا يقل :attribute عن :min'],
    'required' => ':attribute مطلوب',
    'string' => 'يجب أن يكون :attribute نصًا',
    'attributes' => ['action_type' => 'نوع الإجراء', 'per_page' => 'عدد العناصر'],
];
